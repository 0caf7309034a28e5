# vistter-launch: starts FFmpeg children so that they never outlive their parent.
PRODUCTS += $(BUILD)/vistter-launch
APART += $(BUILD)/vistter-launch

$(BUILD)/vistter-launch: $(call objects,launch/launch.c)
	$(CC) $(LDFLAGS) $^ -o $@
