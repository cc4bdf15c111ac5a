/** Colours, from what a piece of text means. Text never means something only by its colour. */
import { createContext, useContext } from 'react';
import type { TextProps } from 'ink';
import type { Style } from '../lines.ts';

const colours = {
  good: 'green',
  bad: 'red',
  warn: 'yellow',
  busy: 'cyan',
  accent: 'cyan',
} as const;

/** True: no colours at all (`NO_COLOR`, https://no-color.org); bold, dim and inverse stay. */
export const NoColour = createContext(false);

/** The properties of Ink's text for a style. */
export function useTextStyle(): (style: Style) => TextProps {
  const noColour = useContext(NoColour);
  return ({ tone, bold = false, inverse = false }) => {
    const colour = tone === undefined || tone === 'plain' || tone === 'quiet' ? undefined : colours[tone];
    return {
      bold,
      inverse,
      dimColor: tone === 'quiet',
      ...(colour === undefined || noColour ? {} : { color: colour }),
    };
  };
}
