#!/usr/bin/env bash
# Static functions of the folders named, each of whose names must stand in one file of the tree alone: a debugger, a profile and a search then say which is meant.
# Prints each that does not; builds nothing.
#   tests/tidy/statics.sh FOLDER... <list of source files, one a line
set -u
folders=$(IFS='|'; echo "$*")
xargs awk -v ours="^($folders)/" '
  /^static [^=;]*\(/ { line = $0; sub(/\(.*/, "", line); sub(/.*[ *]/, "", line)
    if (line !~ /^[a-z_0-9]+$/ || (line, FILENAME) in seen) next
    seen[line, FILENAME] = 1; count[line]++; where[line] = where[line] " " FILENAME; if (FILENAME ~ ours) mine[line] = 1 }
  END { for (name in mine) if (count[name] > 1) print name ":" where[name] }' | sort
