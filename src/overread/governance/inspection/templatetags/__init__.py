"""Tags of the pages of inspection."""
