"""The desks of the centre's daily work: figures as tables, without words."""
