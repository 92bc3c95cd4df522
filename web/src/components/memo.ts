import { Component, h, type ComponentType, type VNode } from 'preact';

/** Renders anew only when a property has changed. */
export function memo<P extends object>(Inner: ComponentType<P>): ComponentType<P> {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const now = this.props as Record<string, unknown>;
      const then = next as Record<string, unknown>;
      return Object.keys(then).some((key) => then[key] !== now[key]);
    }

    override render(): VNode {
      return h(Inner as ComponentType<object>, this.props);
    }
  } as ComponentType<P>;
}
