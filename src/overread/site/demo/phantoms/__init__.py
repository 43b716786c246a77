"""Generated DICOM studies with known truth: head CT, lumbar MRI and jaw CBCT. No person was ever scanned for them."""
