"""From a page of paper, as a picture or a PDF, to leads in mV and seconds, checked against themselves.

`file` opens pages, `page` reads them step by step, `write` puts the leads into a WFDB record.
"""
