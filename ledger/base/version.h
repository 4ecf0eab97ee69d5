/* Version: of both programs, from one place. Formats have numbers of their own (FORMATS). */
#ifndef LICET_BASE_VERSION_H
#define LICET_BASE_VERSION_H

#define LICET_VERSION "0.4.0-dev"
#endif
