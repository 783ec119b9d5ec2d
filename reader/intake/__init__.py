"""From a file of any format to an ECG of twelve leads: routing, names of leads, leads that are derived, doubts."""
