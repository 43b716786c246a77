"""What every area stands on; knows nothing of radiology."""
