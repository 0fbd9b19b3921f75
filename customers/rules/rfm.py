"""Which of the eleven usual groups a customer's three scores put them in."""

from customers.enums import RfmGroup

# The table in wide use: recency, frequency and monetary value, each from 1 to 5; all 125 cells.
CELLS = {
    RfmGroup.CHAMPIONS: "555 554 544 545 454 455 445",
    RfmGroup.LOYAL: "543 444 435 355 354 345 344 335",
    RfmGroup.POTENTIAL_LOYALIST: (
        "553 551 552 541 542 533 532 531 452 451 442 441 431 453 433 432 423 353 352 351 342 "
        "341 333 323"
    ),
    RfmGroup.NEW: "512 511 422 421 412 411 311",
    RfmGroup.PROMISING: ("525 524 523 522 521 515 514 513 425 424 413 414 415 315 314 313"),
    RfmGroup.NEED_ATTENTION: "535 534 443 434 343 334 325 324",
    RfmGroup.ABOUT_TO_SLEEP: "331 321 312 221 213",
    RfmGroup.AT_RISK: (
        "255 254 245 244 253 252 243 242 235 234 225 224 153 152 145 143 142 135 134 133 125 124"
    ),
    RfmGroup.CANT_LOSE: "155 154 144 214 215 115 114 113",
    RfmGroup.HIBERNATING: "332 322 231 241 251 233 232 223 222 132 123 122 212 211",
    RfmGroup.LOST: "111 112 121 131 141 151",
}
GROUPS = {cell: group for group, cells in CELLS.items() for cell in cells.split()}
