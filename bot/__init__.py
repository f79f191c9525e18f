"""The bot's mind: which drug is meant, cases, stock, the meeting, words, delivery; and its assembly."""
