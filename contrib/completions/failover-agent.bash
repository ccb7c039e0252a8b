# Completion of failover-agent(8) for bash.
_failover_agent() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    case $before in
    --config | --environment | --runner | --socket) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    --state-dir) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
    --config-id | -i) COMPREPLY=() ;;
    *)
        mapfile -t COMPREPLY < <(compgen -W "--config --config-id --environment --runner --socket --state-dir --check --strict --release \
            --stop-post --version --help" -- "$word")
        ;;
    esac
}
complete -o filenames -F _failover_agent failover-agent
