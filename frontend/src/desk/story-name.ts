/** What a right is called. */
import { known, t } from "./texts";

export function storyName(story: string): string {
  const key = `desk.story.${story}`;
  return known(key) ? t(key) : story;
}
