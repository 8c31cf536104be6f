"""What a shell needs to complete paravent's words: for bash, zsh and fish."""
from commands import everything

MADE = "# Made by packaging/manual/make from `paravent --help`; a change there is made here by the same command."


def long_names(command):
    return [option.names[-1] for option in command.options]


def files(word):
    """Does a path belong there?"""
    return word.value in ("FILE", "DIR") or word.names[0] in ("FILE", "DIR")


def bash(top):
    rows, values = [], []
    for command in everything(top):
        path = " ".join(["paravent", *command.path])
        words = [one.path[-1] for one in command.below] + [name for word in command.words for name in word.choices]
        words += long_names(command) + ([] if command is top else ["--config", "--state"])
        rows.append(f"    ['{path}']='{' '.join(words)}'")
        values += [f"    ['{path} {option.names[-1]}']='{' '.join(option.choices) or '-'}'" for option in command.options if option.value]
    paths = sorted({" ".join(["paravent", *c.path]) for c in everything(top) if any(files(word) for word in c.words)})
    takes_file = "|".join(f"'{path}'" for path in paths)
    return f"""{MADE}
# shellcheck shell=bash

# What may stand behind a command, and behind an option that takes a word (-: anything).
declare -gA _paravent_words=(
{chr(10).join(rows)}
)
declare -gA _paravent_values=(
{chr(10).join(values)}
)

_paravent() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} path=paravent previous='' word i
    # The command so far: the words that are commands, one below the other; and the option that waits for a word.
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${{COMP_WORDS[i]}}
        if [[ -n $previous ]]; then
            previous=''
        elif [[ -n ${{_paravent_values["$path $word"]:-}} || $word == --config || $word == --state ]]; then
            previous=$word
        elif [[ $word != -* && -n ${{_paravent_words["$path $word"]:-}} ]]; then
            path+=" $word"
        fi
    done
    COMPREPLY=()
    case "$previous" in
        --config | --passphrase-file | --keep-root | --har | --list) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
        --state) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
        --*) mapfile -t COMPREPLY < <(compgen -W "${{_paravent_values["$path $previous"]#-}}" -- "$current") ;;
        *) mapfile -t COMPREPLY < <(compgen -W "${{_paravent_words[$path]}}" -- "$current") ;;
    esac
    case "$path" in
        {takes_file})
            if [[ $current != -* && -z $previous ]]; then
                mapfile -t -O ${{#COMPREPLY[@]}} COMPREPLY < <(compgen -f -- "$current")
            fi
            ;;
    esac
}}
complete -o filenames -F _paravent paravent
"""


def plain(text):
    """Within single quotes of zsh's and fish's specifications."""
    return text.replace("\\", "").replace("'", "’").replace("[", "(").replace("]", ")").replace("`", "")


def zsh(top):
    lines = ["#compdef paravent", MADE, ""]
    for command in sorted(everything(top), key=lambda c: -len(c.path)):
        name = "_".join(["_paravent", *command.path]).replace("-", "_")
        lines += [f"{name}() {{"]
        options = list(command.options)
        if command is not top:
            options += [option for option in top.options if option.value]
        specs = []
        for option in options:
            value = ""
            if option.value:
                kind = f"({' '.join(option.choices)})" if option.choices else "_files" if files(option) else " "
                value = f":{option.value}:{kind}"
            specs += [f"'{name_}[{plain(option.text)}]{value}'" for name_ in option.names]
        if command.below:
            specs += ["'1:command:->command'", "'*::word:->word'"]
        for word in command.words:
            kind = f"({' '.join(word.choices)})" if word.choices else "_files" if files(word) else " "
            specs.append(f"'{'*' if word.many else ''}:{word.names[0]}:{kind}'")
        state = "-C " if command.below else ""
        if command.below:
            lines.append("    local context state state_descr line")
            lines.append("    typeset -A opt_args")
        lines.append(f"    _arguments {state}\\")
        lines.append(" \\\n".join(f"        {spec}" for spec in specs))
        if command.below:
            lines += ["    case $state in", "        command)", "            local -a commands=("]
            lines += [f"                '{one.path[-1]}:{plain(one.text)}'" for one in command.below]
            lines += ["            )", "            _describe command commands", "            ;;", "        word)", "            case $line[1] in"]
            lines += [f"                {one.path[-1]}) {'_'.join(['_paravent', *one.path]).replace('-', '_')} ;;" for one in command.below]
            lines += ["            esac", "            ;;", "    esac"]
        lines += ["}", ""]
    lines.append('_paravent "$@"')
    return "\n".join(lines) + "\n"


def fish(top):
    lines = [MADE, "complete -c paravent -f"]
    for command in everything(top):
        path = command.path
        below = " ".join(one.path[-1] for one in command.below)
        here = "__fish_use_subcommand" if not path else "; and ".join(f"__fish_seen_subcommand_from {name}" for name in path)
        first = here if not path or not below else f"{here}; and not __fish_seen_subcommand_from {below}"
        for one in command.below:
            lines.append(f"complete -c paravent -n '{first}' -a {one.path[-1]} -d '{plain(one.text)}'")
        for option in command.options:
            line = "complete -c paravent" + (f" -n '{here}'" if path else "")
            for name in option.names:
                line += f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}"
            if option.value:
                line += " -r -F" if files(option) else f" -x -a '{' '.join(option.choices)}'" if option.choices else " -x"
            lines.append(f"{line} -d '{plain(option.text)}'")
        for word in command.words:
            if word.choices:
                lines.append(f"complete -c paravent -n '{here}' -a '{' '.join(word.choices)}'")
            elif files(word):
                lines.append(f"complete -c paravent -n '{here}' -F")
    return "\n".join(lines) + "\n"
