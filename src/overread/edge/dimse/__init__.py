"""The DICOM network: a listener that stores before it says so, and a sender."""
