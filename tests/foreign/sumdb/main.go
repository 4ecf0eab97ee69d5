// Command sumdb checks the log's checkpoints and tiles with golang.org/x/mod/sumdb, which knows nothing of the ledger:
//
//	sumdb VKEY URL OLDER NEWER
//
// OLDER and NEWER are files with answers of GET /checkpoint. Both signatures, every entry under the newer root, and that the older tree is
// the beginning of the newer one. Ends 1 with a line that begins with "refused" where something is not so.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func open(vkey, path string) (tlog.Tree, error) {
	var tree tlog.Tree
	data, err := os.ReadFile(path)
	if err != nil {
		return tree, err
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 3 || lines[0] != verifier.Name() {
		return tree, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tree, fmt.Errorf("root of %d bytes: %v", len(root), err)
	}
	copy(tree.Hash[:], root)
	return tree, nil
}

// tiles reads hashes through the log's own tiles; paths are those of C2SP tlog-tiles, which have no height in them.
type tiles struct {
	url  string
	size int64
}

func (t tiles) fetch(path string) ([]byte, error) {
	answer, err := http.Get(t.url + path)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, answer.Status)
	}
	return data, err
}
func path(kind string, tile tlog.Tile) string {
	return strings.Replace("/"+tile.Path(), fmt.Sprintf("/tile/8/%d/", tile.L), "/tile/"+kind+"/", 1)
}
func (t tiles) Height() int { return 8 }
func (t tiles) ReadTiles(list []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range list {
		data, err := t.fetch(path(strconv.Itoa(tile.L), tile))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) entries() ([][]byte, error) {
	var found [][]byte
	for first := int64(0); first < t.size; first += 256 {
		tile := tlog.Tile{H: 8, L: 0, N: first / 256, W: int(min(256, t.size-first))}
		data, err := t.fetch(path("entries", tile))
		if err != nil {
			return nil, err
		}
		for len(data) >= 2 {
			length := 2 + int(binary.BigEndian.Uint16(data))
			if length > len(data) {
				return nil, fmt.Errorf("an entry is cut")
			}
			found = append(found, bytes.Clone(data[2:length]))
			data = data[length:]
		}
	}
	if int64(len(found)) != t.size {
		return nil, fmt.Errorf("%d entries, not %d", len(found), t.size)
	}
	return found, nil
}

func check(vkey, url, olderPath, newerPath string) error {
	older, err := open(vkey, olderPath)
	if err != nil {
		return fmt.Errorf("older checkpoint: %w", err)
	}
	newer, err := open(vkey, newerPath)
	if err != nil {
		return fmt.Errorf("newer checkpoint: %w", err)
	}
	log := tiles{url, newer.N}
	hashes := tlog.TileHashReader(newer, log)
	entries, err := log.entries()
	if err != nil {
		return err
	}
	for i, entry := range entries {
		proof, err := tlog.ProveRecord(newer.N, int64(i), hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, newer.N, newer.Hash, int64(i), tlog.RecordHash(entry)); err != nil {
			return err
		}
	}
	proof, err := tlog.ProveTree(newer.N, older.N, hashes)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, newer.N, newer.Hash, older.N, older.Hash); err != nil {
		return err
	}
	fmt.Printf("%d entries under the newer root; the first %d are the older tree\n", newer.N, older.N)
	return nil
}

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "sumdb VKEY URL OLDER NEWER")
		os.Exit(2)
	}
	if err := check(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}
