"""What pages are made of: style sheet, shell, parts, forms, lists, and the slots that upper floors fill."""
