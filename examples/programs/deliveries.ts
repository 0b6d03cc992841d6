// A table of deliveries, as large as wished, made up of numbers with decimals, words, dates, yes and no, and numbers that name rows: 20
// columns, about 128 bytes a row. How many minutes a delivery takes depends on the others, and on chance.

/** The columns; `minutes` is to be predicted. */
export const COLUMNS = "delivery,ordered,city,shop,vehicle,payment,weather,member,express,distance,weight,price,items,temperature,rain,traffic,discount,rating,courier_age,minutes".split(","); // prettier-ignore

const CITIES = "Aarau,Basel,Bern,Biel,Chur,Davos,Fribourg,Geneva,Lausanne,Locarno,Lugano,Luzern,Montreux,Olten,Schwyz,Sion,Solothurn,St. Gallen,Thun,Uster,Vevey,Wil,Winterthur,Zug,Zurich".split(","); // prettier-ignore
const SHOPS = "bakery,books,butcher,cheese,flowers,groceries,pharmacy,pizza,sushi,tools,toys,wine".split(",");
const SHOP_MINUTES = [4, 3, 5, 4, 8, 10, 3, 14, 12, 6, 5, 4];
const VEHICLES = ["bicycle", "cargo bicycle", "car", "scooter"];
const MINUTES_A_KM = [4.2, 4.8, 2.6, 2.9];
const PAYMENTS = ["card", "cash", "invoice", "voucher"];
const WEATHER = ["cloudy", "fog", "rain", "snow", "sun"];
const WEATHER_FACTOR = [1, 1.1, 1.25, 1.6, 1];

/** Numbers in [0, 1) that repeat: "mulberry32", 32 bits of state. */
function uniforms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const two = (value: number): string => (value < 10 ? `0${value}` : `${value}`);

/** CSV of so many rows, a thousand lines at a time, the header first. The same seed gives the same rows. */
export function* deliveries(rows: number, seed = 1): Generator<string> {
  const next = uniforms(seed);
  const below = (count: number): number => Math.floor(next() * count);
  yield `${COLUMNS.join(",")}\n`;
  let lines = "";
  for (let row = 0; row < rows; row++) {
    const [city, shop, vehicle] = [below(25), below(12), below(4)];
    const weather = below(5);
    const [month, day, hour, minute] = [1 + below(12), 1 + below(28), 8 + below(14), below(60)];
    const [member, express] = [next() < 0.4, next() < 0.15];
    const distance = 0.3 + 9 * next() * next();
    const weight = 0.2 + 12 * next() * next();
    const items = 1 + below(9);
    const price = 4 + items * (3 + 15 * next());
    const rain = weather === 2 ? 12 * next() : 0;
    const temperature = 10 + 12 * next() - (weather === 3 ? 14 : 0);
    const traffic = 0.2 + 0.8 * next();
    const rush = hour === 12 || (hour >= 17 && hour <= 19);
    const chance = next() + next() + next() + next() - 2; // standard deviation 0.58
    const minutes =
      SHOP_MINUTES[shop]! +
      distance * MINUTES_A_KM[vehicle]! * WEATHER_FACTOR[weather]! * (vehicle >= 2 ? 0.7 + 0.6 * traffic : 1) +
      (rush ? 7 : 0) +
      0.5 * items +
      (city % 5) +
      0.4 * rain -
      (express ? 6 : 0) +
      5 * chance;
    lines +=
      `${100000 + row},2025-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:00,${CITIES[city]},${SHOPS[shop]},` +
      `${VEHICLES[vehicle]},${PAYMENTS[below(4)]},${WEATHER[weather]},${member ? "yes" : "no"},${express ? "true" : "false"},` +
      `${distance.toFixed(3)},${weight.toFixed(2)},${price.toFixed(2)},${items},` +
      `${next() < 0.03 ? "" : temperature.toFixed(1)},${rain.toFixed(1)},${traffic.toFixed(4)},` +
      `${next() < 0.7 ? 0 : 5 * (1 + below(5))},${next() < 0.2 ? "" : (1 + 4 * next()).toFixed(1)},${18 + below(47)},` +
      `${Math.max(1, minutes).toFixed(2)}\n`;
    if (row % 1000 === 999) {
      yield lines;
      lines = "";
    }
  }
  if (lines !== "") yield lines;
}
