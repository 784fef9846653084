/**
 * Completion for bash. The library's own script evaluates what was typed, needs the package bash-completion,
 * and can't complete values with a colon in them, such as scopes.
 *
 * Bash takes `:` and `=` for the ends of words, so the words are taken from the line itself, and what bash has
 * of the last one already is taken off the answers.
 */
export const BASH_SCRIPT = `# bash completion for hokusai
_hokusai() {
  local line=\${COMP_LINE:0:COMP_POINT} words last answer
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  last=\${words[\${#words[@]} - 1]}
  COMPREPLY=()
  while IFS=$'\\t' read -r answer _; do
    [[ $answer == :* || -z $answer ]] && continue
    [[ $last == *[:=]* ]] && answer=\${answer#"\${last%"\${last##*[:=]}"}"}
    COMPREPLY+=("$answer")
  done < <(hokusai complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -o default -F _hokusai hokusai
`;
