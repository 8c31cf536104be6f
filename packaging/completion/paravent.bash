# Made by packaging/manual/make from `paravent --help`; a change there is made here by the same command.
# shellcheck shell=bash

# What may stand behind a command, and behind an option that takes a word (-: anything).
declare -gA _paravent_words=(
    ['paravent']='run check status why match decode events stats lists devices device intercept bypasses pause profile allow sites site forget backup import reconcile mine password restore authority system-proxy dns-records gateway doctor --help --version --config --state'
    ['paravent run']='--help --config --state'
    ['paravent check']='--help --config --state'
    ['paravent status']='--help --json --config --state'
    ['paravent why']='--help --from --type --method --profile --device --json --config --state'
    ['paravent match']='--help --list --time --config --state'
    ['paravent decode']='--help --har --config --state'
    ['paravent events']='--help --follow --json --csv --device --site --since --product --verdict --limit --config --state'
    ['paravent stats']='--help --since --by --json --config --state'
    ['paravent lists']='update add remove on off --help --json --config --state'
    ['paravent lists update']='--help --json --config --state'
    ['paravent lists add']='--help --json --category --insecure --config --state'
    ['paravent lists remove']='--help --json --config --state'
    ['paravent lists on']='--help --json --config --state'
    ['paravent lists off']='--help --json --config --state'
    ['paravent devices']='--help --json --config --state'
    ['paravent device']='--help --name --meta-apps --facebook-login --browsers-only --privacy --json --config --state'
    ['paravent intercept']='on off --help --json --config --state'
    ['paravent bypasses']='--help --remove --json --config --state'
    ['paravent pause']='--help --device --for --config --state'
    ['paravent profile']='off log standard strict --help --json --config --state'
    ['paravent allow']='--help --device --for --list --remove --json --config --state'
    ['paravent sites']='--help --since --json --config --state'
    ['paravent site']='--help --mode --block-gateway --json --config --state'
    ['paravent forget']='--help --all --device --site --also-device --config --state'
    ['paravent backup']='--help --passphrase-file --config --state'
    ['paravent import']='--help --person --json --config --state'
    ['paravent reconcile']='--help --person --import --json --config --state'
    ['paravent mine']='--help --remove --config --state'
    ['paravent password']='--help --code --config --state'
    ['paravent restore']='--help --passphrase-file --config --state'
    ['paravent authority']='create renew show export remove --help --config --state'
    ['paravent authority create']='--help --keep-root --passphrase-file --config --state'
    ['paravent authority renew']='--help --keep-root --passphrase-file --config --state'
    ['paravent authority show']='--help --config --state'
    ['paravent authority export']='--help --config --state'
    ['paravent authority remove']='--help --fingerprint --config --state'
    ['paravent system-proxy']='on off show --help --config --state'
    ['paravent system-proxy on']='--help --all --fixed --shells --network-manager --again --config --state'
    ['paravent system-proxy off']='--help --for-now --config --state'
    ['paravent system-proxy show']='--help --json --config --state'
    ['paravent dns-records']='--help --for --address --config --state'
    ['paravent gateway']='show on off --help --config --state'
    ['paravent gateway show']='--help --device --config --state'
    ['paravent gateway on']='--help --device --config --state'
    ['paravent gateway off']='--help --config --state'
    ['paravent doctor']='--help --json --config --state'
)
declare -gA _paravent_values=(
    ['paravent --config']='-'
    ['paravent --state']='-'
    ['paravent why --from']='-'
    ['paravent why --type']='-'
    ['paravent why --method']='-'
    ['paravent why --profile']='off log standard strict'
    ['paravent why --device']='-'
    ['paravent match --list']='-'
    ['paravent decode --har']='-'
    ['paravent events --device']='-'
    ['paravent events --site']='-'
    ['paravent events --since']='-'
    ['paravent events --product']='-'
    ['paravent events --verdict']='allow log block answer'
    ['paravent events --limit']='-'
    ['paravent stats --since']='-'
    ['paravent stats --by']='hour day device site product verdict rule'
    ['paravent lists add --category']='-'
    ['paravent device --name']='-'
    ['paravent device --meta-apps']='yes no'
    ['paravent device --facebook-login']='yes no'
    ['paravent device --browsers-only']='yes no'
    ['paravent device --privacy']='counters events full'
    ['paravent bypasses --remove']='-'
    ['paravent pause --device']='-'
    ['paravent pause --for']='-'
    ['paravent allow --device']='-'
    ['paravent allow --for']='-'
    ['paravent allow --remove']='-'
    ['paravent sites --since']='-'
    ['paravent site --mode']='report silent observe'
    ['paravent site --block-gateway']='yes no'
    ['paravent forget --device']='-'
    ['paravent forget --site']='-'
    ['paravent backup --passphrase-file']='-'
    ['paravent import --person']='-'
    ['paravent reconcile --person']='-'
    ['paravent reconcile --import']='-'
    ['paravent restore --passphrase-file']='-'
    ['paravent authority create --keep-root']='-'
    ['paravent authority create --passphrase-file']='-'
    ['paravent authority renew --keep-root']='-'
    ['paravent authority renew --passphrase-file']='-'
    ['paravent authority remove --fingerprint']='-'
    ['paravent system-proxy on --network-manager']='-'
    ['paravent dns-records --for']='pihole adguard dnsmasq unbound'
    ['paravent dns-records --address']='-'
    ['paravent gateway show --device']='-'
    ['paravent gateway on --device']='-'
)

_paravent() {
    local current=${COMP_WORDS[COMP_CWORD]} path=paravent previous='' word i
    # The command so far: the words that are commands, one below the other; and the option that waits for a word.
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ -n $previous ]]; then
            previous=''
        elif [[ -n ${_paravent_values["$path $word"]:-} || $word == --config || $word == --state ]]; then
            previous=$word
        elif [[ $word != -* && -n ${_paravent_words["$path $word"]:-} ]]; then
            path+=" $word"
        fi
    done
    COMPREPLY=()
    case "$previous" in
        --config | --passphrase-file | --keep-root | --har | --list) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
        --state) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
        --*) mapfile -t COMPREPLY < <(compgen -W "${_paravent_values["$path $previous"]#-}" -- "$current") ;;
        *) mapfile -t COMPREPLY < <(compgen -W "${_paravent_words[$path]}" -- "$current") ;;
    esac
    case "$path" in
        'paravent authority export'|'paravent backup'|'paravent import'|'paravent restore')
            if [[ $current != -* && -z $previous ]]; then
                mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$current")
            fi
            ;;
    esac
}
complete -o filenames -F _paravent paravent
