"""The reader: reads a finished recording of up to twelve leads, measures it and tells what it may show."""
