# Completion of failover-scripts(8) for fish.
complete -c failover-scripts -f
complete -c failover-scripts -l listen -r -F -d 'Where the agent is heard'
complete -c failover-scripts -l socket-group -x -a '(__fish_complete_groups)' -d 'With --listen: the group that may connect'
complete -c failover-scripts -l config -r -F -d "The agent's configuration"
complete -c failover-scripts -l config-id -s i -x -d 'What @ID lines are compared with'
complete -c failover-scripts -l environment -r -F -d 'What ${_ENV NAME} knows'
complete -c failover-scripts -l agent-user -x -a '(__fish_complete_users)' -d 'Who may connect, besides root'
complete -c failover-scripts -l state -x -a '(__fish_complete_directories)' -d 'Where the last two plans are kept'
complete -c failover-scripts -l version -d 'Print the version'
complete -c failover-scripts -l help -s h -d 'Print the help'
