# Completes ucdiag's command lines in fish:  ucdiag completion fish > ~/.config/fish/completions/ucdiag.fish

function __ucdiag_complete
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l current (commandline --current-token --cut-at-cursor)
    set -l lines (command $words[1] completion --answer -- $words[2..-1] "$current" 2>/dev/null </dev/null)
    or return
    set -l head (string split --max 1 \t -- $lines[1])
    for line in $lines[2..-1]
        echo -- "$head[2]$line"
    end
    if test "$head[1]" = files
        set -l begun (string sub --start (math (string length -- "$head[2]") + 1) -- "$current")
        for path in (__fish_complete_path "$begun")
            echo -- "$head[2]$path"
        end
    end
end

complete --command ucdiag --no-files --arguments '(__ucdiag_complete)'
