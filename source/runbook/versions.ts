/** Versions of Kubernetes and the tools (semantic versioning) and of az extensions (PEP 440). */
import * as pep440 from '@renovatebot/pep440';
import semver from 'semver';

/** Whether a text is a version one of the two schemes knows: `1.33.2`, `v1.32.4`, `2.73`, `19.0.0b13`. */
export function isVersion(text: string): boolean {
  return semver.valid(text) !== null || pep440.valid(text) !== null;
}

/**
 * Negative, zero or positive, as `a` is before, the same as, or after `b`. Semantic versioning orders two semantic
 * versions; otherwise PEP 440 does, where `19.0.0b9` is before `19.0.0b13` and both are before `19.0.0`.
 * Undefined when neither scheme knows both.
 */
export function compareVersions(a: string, b: string): number | undefined {
  if (semver.valid(a) !== null && semver.valid(b) !== null) return semver.compare(a, b);
  if (pep440.valid(a) !== null && pep440.valid(b) !== null) return pep440.compare(a, b);
  return undefined;
}
