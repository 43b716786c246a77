"""Images sent through a browser: single files, a folder, or a zip, each with a line on the receipt."""
