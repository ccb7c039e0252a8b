#compdef failover-scripts
# Completion of failover-scripts(8) for zsh.
_arguments \
    '--listen[where the agent is heard]:path:_files' \
    '--socket-group[with --listen\: the group that may connect]:group:_groups' \
    '--config[the agent'"'"'s configuration]:file:_files' \
    '(--config-id -i)'{--config-id,-i}'[what @ID lines are compared with]:id:' \
    '--environment[what ${_ENV NAME} knows]:file:_files' \
    '--agent-user[who may connect, besides root]:user:_users' \
    '--state[where the last two plans are kept]:directory:_files -/' \
    '--version[print the version]' \
    '(- *)'{--help,-h}'[print the help]'
