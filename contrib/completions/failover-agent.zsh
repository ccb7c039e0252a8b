#compdef failover-agent
# Completion of failover-agent(8) for zsh.
_arguments \
    '--config[the configuration]:file:_files' \
    '(--config-id -i)'{--config-id,-i}'[what @ID lines are compared with]:id:' \
    '--environment[what ${_ENV NAME} knows]:file:_files' \
    '--runner[where failover-scripts listens]:socket:_files' \
    '--socket[where failoverctl is answered]:path:_files' \
    '--state-dir[where it keeps what the next run needs]:directory:_files -/' \
    '--check[read the configuration and print every error and warning]' \
    '--strict[with --check\: exit with 1 if there are warnings]' \
    '--release[remove every address that this agent has left behind]' \
    '--stop-post[for the unit'"'"'s ExecStopPost=]' \
    '--version[print the version]' \
    '(- *)'{--help,-h}'[print the help]'
