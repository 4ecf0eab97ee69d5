# awk -f tests/tidy/layers.awk tests/tidy/layers.txt FILES: every include against the table of layers.
function folder(p) { sub(/\/[^\/]*$/, "", p); return p }
FNR == NR && /^#/ { next }
FNR == NR { f = $1; sub(/:$/, "", f); known[f] = 1
            for (i = 2; i <= NF; i++) { if (!($i in known)) { print "layers: " f " names " $i " too early"; bad = 1 } may[f, $i] = 1 }
            next }
/^#include "/ { split($0, q, "\""); a = folder(FILENAME); b = folder(q[2])
            if (a != b && !((a, b) in may)) { print FILENAME ":" FNR ": " a " may not include " b; bad = 1 } }
END { exit bad }
