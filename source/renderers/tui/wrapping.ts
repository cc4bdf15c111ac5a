/**
 * Automatic line wrapping of the terminal (DECAWM), off while the screen is drawn: where the terminal takes a
 * character for wider than it was measured, the row is cut at the edge, and all other rows stay where they are.
 */
export const wrapping = { off: '\u001b[?7l', on: '\u001b[?7h' };
