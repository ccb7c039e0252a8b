# Completion of failover-agent(8) for fish.
complete -c failover-agent -f
complete -c failover-agent -l config -r -F -d 'The configuration'
complete -c failover-agent -l config-id -s i -x -d 'What @ID lines are compared with'
complete -c failover-agent -l environment -r -F -d 'What ${_ENV NAME} knows'
complete -c failover-agent -l runner -r -F -d 'Where failover-scripts listens'
complete -c failover-agent -l socket -r -F -d 'Where failoverctl is answered'
complete -c failover-agent -l state-dir -x -a '(__fish_complete_directories)' -d 'Where it keeps what the next run needs'
complete -c failover-agent -l check -d 'Read the configuration and print every error and warning'
complete -c failover-agent -l strict -d 'With --check: exit with 1 if there are warnings'
complete -c failover-agent -l release -d 'Remove every address that this agent has left behind'
complete -c failover-agent -l stop-post -d 'For ExecStopPost= of the unit'
complete -c failover-agent -l version -d 'Print the version'
complete -c failover-agent -l help -s h -d 'Print the help'
