"""Rivers of Natural Earth (Debian libmagics++-data) and airports (PyPI airportsdata)."""

import csv
import os
import re
import struct

from gazetteer_table.names import fold
from gazetteer_table.table import Place

RIVER_RANK_MAX = 5  # Natural Earth's scale: greater rivers are known without "River" too.


def read_shapes(path):
    """ESRI shapefile of lines: (attributes, parts) of each record, parts as (latitude, longitude)."""
    with open(path + ".dbf", "rb") as file:
        table = file.read()
    with open(path + ".shp", "rb") as file:
        shapes = file.read()
    count, header, width = struct.unpack("<IHH", table[4:12])
    fields = []
    at = 32
    while table[at] != 13:
        fields.append((table[at:at + 11].split(b"\0")[0].decode(), table[at + 16]))
        at += 32
    records = []
    at = 100
    for row in range(count):
        attributes = {}
        cell = header + row * width + 1
        for name, size in fields:
            attributes[name] = table[cell:cell + size].decode("utf-8", "replace").strip()
            cell += size
        size = struct.unpack(">I", shapes[at + 4:at + 8])[0] * 2
        shape = shapes[at + 8:at + 8 + size]
        at += 8 + size
        part_count, point_count = struct.unpack("<II", shape[36:44])
        begins = [*struct.unpack(f"<{part_count}I", shape[44:44 + 4 * part_count]), point_count]
        values = struct.unpack(f"<{2 * point_count}d", shape[44 + 4 * part_count:44 + 4 * part_count + 16 * point_count])
        parts = [[(values[2 * i + 1], values[2 * i]) for i in range(begins[part], begins[part + 1])]
                 for part in range(part_count)]
        records.append((attributes, parts))
    return records


def add_area(table, identifier, lat, lon, names, flags="w"):
    country = table.country_at(lat, lon)
    if country not in table.places:
        country = ""
    place = Place(identifier, "area", country, names[0], lat=lat, lon=lon)
    for name in names:
        place.add(name, {"*"}, table.flags(name) + (flags if country else ""))
    table.places[identifier] = place


def add_rivers(table):
    """Rivers at their mouth, which is the last point of their greatest stretch."""
    known = table.known_names()
    rivers = {}
    for attributes, parts in read_shapes("/usr/share/magics/10m/ne_10m_rivers_lake_centerlines"):
        name = attributes["name"]
        if attributes["featurecla"] != "River" or len(name) < 3 or not parts or re.search(r"\d|Delta|Canal", name):
            continue
        key = (float(attributes["scalerank"]), -sum(len(part) for part in parts))
        number = (name, attributes["rivernum"])
        if number not in rivers or key < rivers[number][0]:
            rivers[number] = (key, parts[-1][-1])
    for (name, number), (key, point) in sorted(rivers.items()):
        names = [name + " River", "River " + name]
        if key[0] <= RIVER_RANK_MAX and fold(name) not in known and not table.is_common(name):
            names.append(name)
        add_area(table, f"river.{fold(name).replace(' ', '-')}.{number}", *point, names)


def add_airports(table, folder):
    """Airports with an IATA code whose name does not begin with that of their town."""
    with open(os.path.join(folder, "airportsdata/airports.csv"), encoding="utf-8") as file:
        for row in csv.DictReader(file):
            name = row["name"]
            if not row["iata"] or not re.search(r"Airport$", name) or row["country"] not in table.places:
                continue
            town = row["city"]
            if town and name.startswith(town + " "):
                name = name[len(town) + 1:]
                if len(name.split()) < 3 or re.match(r"(International|Regional|Municipal|County|City) ", name):
                    continue
            place = Place("airport." + row["iata"], "area", row["country"], row["name"],
                          lat=float(row["lat"]), lon=float(row["lon"]))
            for each in {name, re.sub(r" International Airport$", " Airport", name)}:
                place.add(each, {"*"}, table.flags(each) + "w")
            table.places[place.identifier] = place
