# Completion of failover-scripts(8) for bash.
_failover_scripts() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    case $before in
    --config | --environment | --listen) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    --state) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
    --agent-user) mapfile -t COMPREPLY < <(compgen -u -- "$word") ;;
    --socket-group) mapfile -t COMPREPLY < <(compgen -g -- "$word") ;;
    --config-id | -i) COMPREPLY=() ;;
    *)
        mapfile -t COMPREPLY < <(compgen -W "--listen --socket-group --config --config-id --environment --agent-user --state \
            --version --help" -- "$word")
        ;;
    esac
}
complete -o filenames -F _failover_scripts failover-scripts
