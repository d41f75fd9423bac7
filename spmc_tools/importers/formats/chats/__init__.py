"""Chats and channels: Telegram, WhatsApp."""
