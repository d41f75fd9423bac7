"""What an officer has chosen in the explorer, and what of the findings and the custody log that selects."""
