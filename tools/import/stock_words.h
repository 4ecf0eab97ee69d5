/* Stock words: what made-up names, companies, places and 照面 fields are put together from. Layer: tools/import. */
#ifndef LICET_TOOLS_IMPORT_STOCK_WORDS_H
#define LICET_TOOLS_IMPORT_STOCK_WORDS_H
#include "crypto/bytes.h"

#define STOCK_FAMILY_NAME_COUNT 24u
#define STOCK_GIVEN_NAME_COUNT 32u
#define STOCK_PLACE_COUNT 12u
#define STOCK_ROAD_COUNT 10u
#define STOCK_TRADE_COUNT 12u
#define STOCK_SCOPE_COUNT 10u
extern const char *const STOCK_FAMILY_NAMES[STOCK_FAMILY_NAME_COUNT];
extern const char *const STOCK_GIVEN_NAMES[STOCK_GIVEN_NAME_COUNT];
extern const char *const STOCK_PLACES[STOCK_PLACE_COUNT];
extern const char *const STOCK_ROADS[STOCK_ROAD_COUNT];
extern const char *const STOCK_TRADES[STOCK_TRADE_COUNT];
extern const char *const STOCK_SCOPES[STOCK_SCOPE_COUNT];

enum word_kind { WORD_OTHER = 0, WORD_PERSON, WORD_COMPANY, WORD_ADDRESS, WORD_SCOPE };
/* What an element of this code usually holds. */
enum word_kind stock_word_kind(struct bytes code);
#endif
