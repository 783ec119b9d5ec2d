"""What an ECG may show: the superclasses of PTB-XL and their certainty, or a reason to abstain."""
