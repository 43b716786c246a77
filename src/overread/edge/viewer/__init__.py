"""The image viewer: prebuilt OHIF, our mode and tools, and the pages that carry it."""
