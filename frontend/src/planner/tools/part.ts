/** What every analysis brings: its panel, its legend, and what it does while it is open. */
export interface ToolPart {
  Panel: () => preact.JSX.Element;
  Legend: ((shown: { isOpen: boolean }) => preact.JSX.Element | null) | null;
  /** Follows what is asked; gives what ends it. */
  start: () => () => void;
}
