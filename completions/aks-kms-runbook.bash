# Completion of aks-kms-runbook for bash. The tool says what fits; nothing it says is evaluated, and it offers only words
# that need no quotes. Bash 3.2, which macOS has, knows no compopt.
_aks_kms_runbook() {
  local -a words=()
  local rest="$COMP_LINE" word index gap typed otherwise value _ kept
  rest="${rest:0:COMP_POINT}"
  for ((index = 0; index <= COMP_CWORD; index++)); do
    word="${COMP_WORDS[index]}"
    gap="${rest%%[![:space:]]*}"
    rest="${rest#"$gap"}"
    ((index == COMP_CWORD)) && word="$rest"
    if ((index > 0)) && [[ -z $gap ]]; then
      words[${#words[@]} - 1]+="$word"
    else
      words+=("$word")
    fi
    rest="${rest#"$word"}"
  done
  # Bash splits words at = and :, too, and replaces only what follows the last of them.
  typed="${words[${#words[@]} - 1]}"
  kept=''
  [[ $COMP_WORDBREAKS == *=* && $typed == *=* ]] && kept="${typed%"${typed##*=}"}"
  [[ $COMP_WORDBREAKS == *:* && ${typed#"$kept"} == *:* ]] && kept="${typed%"${typed##*:}"}"
  COMPREPLY=()
  {
    IFS= read -r otherwise
    while IFS=$'\t' read -r value _; do
      COMPREPLY+=("${value#"$kept"}")
      [[ $value == *= ]] && compopt -o nospace 2> /dev/null
    done
  } < <(command aks-kms-runbook __complete -- "${words[@]:1}" 2> /dev/null)
  compopt -o nosort 2> /dev/null
  ((${#COMPREPLY[@]} > 0)) && return
  typed="${typed#"$kept"}"
  case "$otherwise" in
    files) compopt -o default 2> /dev/null || while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "$typed") ;;
    directories) compopt -o dirnames 2> /dev/null || while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -d -- "$typed") ;;
  esac
}
complete -F _aks_kms_runbook aks-kms-runbook
