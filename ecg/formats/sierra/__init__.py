"""Philips Sierra XML: resting ECGs of PageWriter, HeartStart and TraceMasterVue, versions 1.03 and 1.04."""
