"""A reading as a FHIR R4B bundle: report, observations, waveforms, device and a patient under a pseudonym."""
