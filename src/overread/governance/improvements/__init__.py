"""Actions that follow from incidents, complaints, findings and reviews, each looked at again to see whether it worked."""
