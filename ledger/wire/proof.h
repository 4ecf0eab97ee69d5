/* Proof: the .licet file: one verdict, checkable offline for ever from the genesis document. Layer: ledger/wire; needs no storage.
 * CBOR [1, subject, header, [+ head note], [* key link], [+ object], [* opening], statement / null, inclusion / null, [* seal], commit / null]
 * It holds EVERY object the verdict depends on, all under one state root; a object that is not there makes the verdict `incomplete`. */
#ifndef LICET_WIRE_PROOF_H
#define LICET_WIRE_PROOF_H
#include "crypto/mapproof.h"
#include "ledger/wire/header.h"
#include "ledger/wire/object.h"
#include "ledger/wire/tags.h"

/* What was asked. */
enum subject_by { SUBJECT_LICENCE = 1, SUBJECT_DOCUMENT = 2, SUBJECT_NUMBER = 3 };
struct subject {
    enum subject_by by;
    uint8_t key[32];      /* licence key or document key */
    uint32_t type_no;     /* number: */
    uint8_t tag[TAG_LEN];
};
#define PROOF_OBJECTS_MAX 128u
#define PROOF_OPENINGS_MAX 65u
#define PROOF_NOTES_MAX FINALITY_NODES_MAX
#define PROOF_LINKS_MAX 64u

/* One object: present [kind, steps bstr, value bstr] or absent [kind, steps bstr, null, id bstr, other key bstr / null, other value hash bstr / null]. */
struct proof_object {
    enum object_kind kind;
    struct bytes id;    /* of an absent one; empty for a present one (its value holds it) */
    struct bytes value; /* data NULL: absent */
    struct bytes steps;
    const uint8_t *other_key, *other_value_hash; /* absent only; NULL: the map is empty */
};
struct proof_link { /* a change of finality: the next rule, proved under a header that was final by the rule before */
    struct bytes header;
    uint32_t note_count;
    struct bytes notes[PROOF_NOTES_MAX];
    struct proof_object finality;
};
struct proof {
    struct subject subject;
    struct bytes header;
    uint32_t note_count, link_count, object_count, opening_count, seal_count;
    struct bytes notes[PROOF_NOTES_MAX];
    struct proof_object objects[PROOF_OBJECTS_MAX];
    struct bytes openings[PROOF_OPENINGS_MAX];
    struct bytes statement;       /* data NULL: none */
    uint64_t inclusion_index;
    struct bytes inclusion_path;  /* 32 bytes each; meaningful when there is a statement */
    struct bytes seals[PROOF_NOTES_MAX];
    struct bytes commit;          /* data NULL: none */
    struct bytes links[PROOF_LINKS_MAX]; /* encoded; proof_link_decode */
};
struct refusal proof_decode(struct proof *out, struct bytes in); /* strict; views into in; struct is large: not on a small stack */
struct refusal proof_link_decode(struct proof_link *out, struct bytes in);
MUST_USE bool proof_encode(struct wire_out *out, const struct proof *proof);
/* A link stands in the proof as a byte string of [header bstr, [+ note bstr], object]. */
MUST_USE bool proof_link_encode(struct wire_out *out, const struct proof_link *link);

/* Checks everything that hashes and signatures can say: the header is final under `finality` (following the links), every object sits
 * under the header's state root at the place its own id demands, the statement is in the log. Rule for every verifier: valid head notes
 * by at least `threshold` distinct nodes. On CODE_OK *header and *note_time_ms (the latest such that the threshold is met) are set. */
struct proof_trust {
    uint8_t genesis[32];
    const struct finality *finality; /* from the genesis document */
    struct bytes pinned_header;      /* optional newer header that the user pinned; must then not be newer than the proof's with another hash */
};
struct proof_checked {
    struct header header;
    uint8_t header_hash[32];
    int64_t note_time_ms;
    uint32_t notes_good;
};
struct refusal proof_check(struct proof_checked *out, const struct proof *proof, const struct proof_trust *trust);
/* Checks one head note against one finality: CODE_OK and *node = index of its signer. */
struct refusal head_note_check(struct head_note *note, uint32_t *node, struct bytes in, const struct finality *finality);
/* Checks a receipt: is it this ledger's, for these bytes, signed by one of its nodes? */
struct refusal receipt_check(const struct receipt *receipt, struct bytes statement, struct bytes chain_id, const uint8_t genesis32[32], const struct finality *finality);
/* Checks a block seal (detached) likewise. */
struct refusal header_seal_check(uint32_t *node, struct bytes seal, struct bytes header_bytes, const struct finality *finality);
#endif
