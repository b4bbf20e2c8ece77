// What a message carries along into the event: its subjects, places, people, keywords and rights.

#include <algorithm>
#include <array>

#include "common/article/json_walk.h"
#include "common/article/message_reader.h"
#include "common/article/uri.h"
#include "common/base/json_writer.h"
#include "common/base/trimmed.h"

namespace wirewatch {

namespace {

namespace od = simdjson::ondemand;

constexpr std::string_view kTopicPrefix = "medtop:";
constexpr std::string_view kTopicAddress = "http://cv.iptc.org/newscodes/mediatopic/";

// 0 to 100, as JSON writes a whole number.
bool is_percentage(std::string_view text) {
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits && ((text.size() == 1) || (text.size() == 2 && text[0] != '0') || text == "100");
}

}  // namespace

// The members of an object that is carried along: the first of each name.
class MessageReader::CarriedMembers {
 public:
  void take(std::string_view name, std::string_view text, bool number = false) {
    const auto end = members_.begin() + static_cast<std::ptrdiff_t>(count_);
    if (count_ == members_.size() ||
        std::any_of(members_.begin(), end, [&](const Member& m) { return m.name == name; }))
      return;
    members_[count_++] = {name, text, number};
  }
  // Empty where there is none.
  [[nodiscard]] std::string_view name() const {
    for (std::size_t i = 0; i < count_; ++i) {
      if (members_[i].name == "name") return members_[i].text;
    }
    return {};
  }
  void write(JsonWriter& json) const {
    if (count_ == 0) return;
    json.begin_object();
    for (std::size_t i = 0; i < count_; ++i) {
      json.key(members_[i].name);
      if (members_[i].number) {
        json.raw(members_[i].text);
      } else {
        json.string(members_[i].text);
      }
    }
    json.end_object();
  }

 private:
  struct Member {
    std::string_view name;
    std::string_view text;
    bool number = false;
  };
  std::array<Member, 8> members_;
  std::size_t count_ = 0;
};

// The members of an object that ninjs 3 allows in the array of that name.
simdjson::error_code MessageReader::carry_members(std::string_view name, od::value value,
                                                  CarriedMembers& members) {
  return for_each_member(value, [&](std::string_view member, od::value member_value) {
    od::json_type type{};
    if (const auto code = member_value.type().get(type); code != simdjson::SUCCESS) return code;
    std::string_view text;
    if (const auto code = text_of(member_value, text); code != simdjson::SUCCESS) return code;
    if (member == "code" && name == "subjects" && text.starts_with(kTopicPrefix)) {
      // IPTC's own short form of its address.
      member = "uri";
      const std::string_view id = text.substr(kTopicPrefix.size());
      char* address = arena_->allocate(kTopicAddress.size() + id.size());
      std::copy(id.begin(), id.end(),
                std::copy(kTopicAddress.begin(), kTopicAddress.end(), address));
      text = {address, kTopicAddress.size() + id.size()};
    }
    if (member == "code") member = "literal";
    const bool allowed = member == "name" || member == "uri" || member == "literal" ||
                         (member == "rel" && name != "genres") ||
                         (member == "creator" && name == "subjects");
    if (allowed && type == od::json_type::string && !text.empty() &&
        (member != "uri" || is_uri(text)))
      members.take(member, text);
    // How sure the sender is.
    if (name == "subjects" && (member == "relevance" || member == "confidence") &&
        type == od::json_type::number && is_percentage(text))
      members.take(member, text, true);
    return simdjson::SUCCESS;
  });
}

// Those of an object, or a string, which is a name.
simdjson::error_code MessageReader::members_of(std::string_view name, od::value value,
                                               CarriedMembers& members) {
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  if (type == od::json_type::object) return carry_members(name, value, members);
  if (type != od::json_type::string) return skip(value);
  std::string_view text;
  const auto code = value.get_string().get(text);
  if (!text.empty()) members.take("name", text);
  return code;
}

// Arrays of ninjs objects, rebuilt with the members that ninjs 3 allows.
simdjson::error_code MessageReader::carry(std::string_view name, od::value value) {
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  if (type != od::json_type::array) return skip(value);
  scratch_.clear();
  JsonWriter json(scratch_);
  json.begin_array();
  const auto code = for_each_element(value, [&](od::value child) {
    CarriedMembers members;
    const auto read = members_of(name, child, members);
    if (read != simdjson::SUCCESS) return read;
    if (name == "places" || name == "subjects") note_label(members.name());
    members.write(json);
    return read;
  });
  if (code != simdjson::SUCCESS) return code;
  json.end_array();
  if (scratch_.size() > 2) fields_->carried.push_back({name, arena_->copy(scratch_)});
  return simdjson::SUCCESS;
}

// Keywords, tags, categories and sections: subjects of which a feed tells the name alone. A list,
// or one string with commas.
simdjson::error_code MessageReader::carry_words(od::value value) {
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  scratch_.clear();
  JsonWriter json(scratch_);
  json.begin_array();
  if (type == od::json_type::array) {
    const auto code =
        for_each_element(value, [&](od::value child) { return carry_word(child, json); });
    if (code != simdjson::SUCCESS) return code;
  } else if (type == od::json_type::string) {
    std::string_view words;
    if (const auto code = value.get_string().get(words); code != simdjson::SUCCESS) return code;
    while (!words.empty()) {
      const std::size_t end = std::min(words.find_first_of(",;"), words.size());
      const std::string_view word = trimmed(words.substr(0, end));
      if (has_letter(word)) {
        note_label(word);
        json.begin_object().key("name").string(word).end_object();
      }
      words.remove_prefix(std::min(end + 1, words.size()));
    }
  } else if (const auto code = carry_word(value, json); code != simdjson::SUCCESS) {
    return code;
  }
  json.end_array();
  if (scratch_.size() > 2) fields_->carried.push_back({"subjects", arena_->copy(scratch_)});
  return simdjson::SUCCESS;
}

// A word, or an object that has one. What is a number, as WordPress has them, tells nothing.
simdjson::error_code MessageReader::carry_word(od::value value, JsonWriter& json) {
  std::string_view word;
  std::string_view address;
  if (const auto code = name_of(value, kMemberDepth + 1, word, &address); code != simdjson::SUCCESS)
    return code;
  word = trimmed(word);
  if (!has_letter(word)) return simdjson::SUCCESS;
  note_label(word);
  json.begin_object().key("name").string(word);
  if (is_uri(address)) json.key("uri").string(address);
  json.end_object();
  return simdjson::SUCCESS;
}

void MessageReader::note_label(std::string_view label) {
  if (label.empty() || fields_->labels.size() >= Article::kLabelMax) return;
  fields_->labels.push_back(arena_->copy(label));
}

simdjson::error_code MessageReader::carry_string(std::string_view name, od::value value) {
  std::string_view text;
  if (const auto code = text_of(value, text); code != simdjson::SUCCESS) return code;
  if (text.empty()) return simdjson::SUCCESS;
  scratch_.clear();
  JsonWriter(scratch_).string(text);
  fields_->carried.push_back({name, arena_->copy(scratch_)});
  return simdjson::SUCCESS;
}

}  // namespace wirewatch
