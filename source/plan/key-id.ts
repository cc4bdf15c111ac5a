/** Key Vault's ids of keys. Their case does not matter, and the version may be left out. */

interface KeyId {
  /** The vault's name and the rest of its host: `v` and `vault.azure.net`. */
  vault: string;
  domain: string;
  key: string;
  /** Absent in an id that stands for whatever version is the current one. */
  version: string | undefined;
}

/**
 * The parts of `https://VAULT.DOMAIN/keys/KEY/VERSION`, in the case they are written in; undefined for anything else.
 * Source: https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#object-identifiers
 */
export function readKeyId(text: string): KeyId | undefined {
  const pattern = /^https:\/\/([^./]+)\.([^/:]+)(?::443)?\/keys\/([^/]+)(?:\/([^/]+))?\/?$/i;
  const [, vault, domain, key, version] = pattern.exec(text) ?? [];
  if (vault === undefined || domain === undefined || key === undefined) return undefined;
  return { vault, domain, key, version };
}

/**
 * Whether two ids are of one key: the same vault and name, and the same version where both have one. What is no id of
 * a key is the same as nothing.
 */
export function isSameKey(a: string, b: string): boolean {
  const [one, other] = [readKeyId(a.toLowerCase()), readKeyId(b.toLowerCase())];
  if (one === undefined || other === undefined) return false;
  const { vault, domain, key, version } = one;
  return (
    vault === other.vault &&
    domain === other.domain &&
    key === other.key &&
    (version === undefined || other.version === undefined || version === other.version)
  );
}
