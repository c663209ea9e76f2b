/** Parts of the head that are fetched when they are first wanted, so that pages open without them. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

export function lazy<P extends object>(fetcher: () => Promise<{ default: ComponentType<P> }>): ComponentType<P> {
  let there: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [Part, setPart] = useState<ComponentType<P> | null>(() => there);
    useEffect(() => {
      if (Part) return;
      fetcher().then(
        (found) => {
          there = found.default;
          setPart(() => found.default);
        },
        () => {}, // the server is away, which the banner says
      );
    }, []);
    return Part && <Part {...props} />;
  };
}
