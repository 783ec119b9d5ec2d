"""A reading as a page: the leads on ECG paper, what was found, and how sure it is, as PDF or HTML."""
