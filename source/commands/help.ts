/** What `--help` says of a command besides its options. */

export const exportHelp = `
Markdown is for a ticket, HTML to read and print, JSON holds the journal itself, so that \`verify\` can check it
where the run is not. Secrets are taken out of all of them.

Examples:
  aks-kms-runbook export 20261121-201500-ab12                                      print it as Markdown
  aks-kms-runbook export 20261121-201500-ab12 --format html --output record.html
  aks-kms-runbook export 20261121-201500-ab12 --format json --output record.json --sign ~/.ssh/id_ed25519
  aks-kms-runbook export --all --format json --output records`;

export const verifyHelp = `
A run is checked where it is kept; a file is a JSON export, or any export with its signature (FILE.sig) beside it.
Exit status 0: as it was written. 1: altered, and where.`;
