"""The program: settings, addresses, command line, and the one place that joins the floors below."""
