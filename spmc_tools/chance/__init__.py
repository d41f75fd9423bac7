"""What chance expects of accounts acting together: occasions, chance models, false discovery."""
