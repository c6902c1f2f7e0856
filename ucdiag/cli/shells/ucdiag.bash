# Completes ucdiag's command lines in bash (3.2 and later):  eval "$(ucdiag completion bash)"

_ucdiag_complete() {
    local rest=${COMP_LINE:0:COMP_POINT} program=$1 piece fresh=yes i
    local words=()
    # bash cuts words at ":" and "=" (COMP_WORDBREAKS): put together again what no blank divides.
    for ((i = 0; i < COMP_CWORD; i++)); do
        piece=${COMP_WORDS[i]}
        [[ $rest != [[:space:]]* ]] || fresh=yes
        rest=${rest#"${rest%%[![:space:]]*}"}
        if [[ -n $fresh ]]; then
            words[${#words[@]}]=$piece
        else
            words[${#words[@]} - 1]=${words[${#words[@]} - 1]}$piece
        fi
        rest=${rest#"$piece"}
        fresh=
    done
    local current=${rest#"${rest%%[![:space:]]*}"}
    if [[ -z $fresh && $rest != [[:space:]]* ]]; then
        current=${words[${#words[@]} - 1]}$current
        unset "words[${#words[@]} - 1]"
    fi

    # What readline keeps: it puts the answer in behind the last character that divides words.
    local kept='' sign
    for sign in : =; do
        if [[ $COMP_WORDBREAKS == *"$sign"* && $current == *"$sign"* ]]; then
            piece=${current%"${current##*"$sign"}"}
            [[ ${#piece} -le ${#kept} ]] || kept=$piece
        fi
    done

    COMPREPLY=()
    local kind='' prefix='' value about
    [[ $program != "~/"* ]] || program=$HOME/${program#"~/"}
    while IFS=$'\t' read -r value about; do
        if [[ -z $kind ]]; then
            kind=$value prefix=$about
        else
            value=$prefix$value
            COMPREPLY[${#COMPREPLY[@]}]=${value#"$kept"}
        fi
    done < <("$program" completion --answer -- "${words[@]:1}" "$current" 2>/dev/null </dev/null)
    if [[ $kind == files ]]; then
        compopt -o filenames 2>/dev/null
        while IFS= read -r value; do
            value=$prefix$value
            COMPREPLY[${#COMPREPLY[@]}]=${value#"$kept"}
        done < <(compgen -f -- "${current#"$prefix"}")
    fi
}
complete -F _ucdiag_complete ucdiag
