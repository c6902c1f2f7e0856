#compdef ucdiag
# Completes ucdiag's command lines in zsh:  eval "$(ucdiag completion zsh)"  after compinit

_ucdiag() {
    local -a lines described
    local line prefix value about
    lines=("${(@f)$("${(@Q)words[1]/#\~\//$HOME/}" completion --answer -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null </dev/null)}")
    [[ -n $lines[1] ]] || return 1
    prefix=${lines[1]#*$'\t'}
    [[ -z $prefix ]] || compset -P "${(b)prefix}"
    for line in "${(@)lines[2,-1]}"; do
        value=${line%%$'\t'*} about=${line#*$'\t'}
        described+=("${value//:/\\:}${about:+:$about}")
    done
    if (( ${#described} )); then
        _describe -V value described
    fi
    [[ $lines[1] != files* ]] || _files
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _ucdiag "$@"
else
    compdef _ucdiag ucdiag
fi
