# Completion of aks-kms-runbook for fish.
function __aks_kms_runbook_complete
    set -l typed (commandline -ct)
    set -l words (commandline -opc)
    set -l lines (command aks-kms-runbook __complete -- $words[2..-1] "$typed" 2>/dev/null)
    if test (count $lines) -gt 1
        printf '%s\n' $lines[2..-1]
        return
    end
    # The path after --output= is completed by itself, and put behind it again.
    set -l before (string match -r -- '^--[^=]*=' $typed)
    set -l path (string replace -- "$before" '' $typed)
    switch "$lines[1]"
        case files
            string replace -r -- '^' "$before" (__fish_complete_path "$path")
        case directories
            string replace -r -- '^' "$before" (__fish_complete_directories "$path")
    end
end
complete -c aks-kms-runbook -f -k -a '(__aks_kms_runbook_complete)'
