"""What officers do to a case and the custody log keeps: provenance, attachments, marks, reviews, lists."""
